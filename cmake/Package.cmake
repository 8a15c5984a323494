# The Debian package: `./dev package`. What the program links is found by dpkg-shlibdeps; what it
# starts or loads by name stands here.
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME ovvoc-desktop)
set(CPACK_PACKAGE_VENDOR "Ovvoc Desktop")
set(CPACK_PACKAGE_CONTACT "Ovvoc Desktop <noreply@ovvoc.invalid>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "dependency updates for many clients, in sealed containers")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Moves the npm, pnpm or Yarn dependencies of clients' repositories, builds and
 tests the result in a container without any network that is thrown away
 afterwards, and proposes the change only if the repository's own build and
 tests pass. A window (ovvoc-desktop) and a command line (ovvoc).")
set(CPACK_DEBIAN_PACKAGE_SECTION devel)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The database driver and the platform's plugin are loaded by name; npm and mmdebstrap make the job image.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "libqt6sql6-sqlite, qt6-qpa-plugins, npm, mmdebstrap, git, libsecret-1-0, ca-certificates")
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS
    "docker.io | podman, gnome-keyring | kwalletmanager, fonts-inter, fonts-jetbrains-mono")
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
include(CPack)
