# One INTERFACE target with every flag of the project. All our targets link it; nothing else sets
# compiler flags.
add_library(ovvoc-flags INTERFACE)
target_compile_options(ovvoc-flags INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor
    -Woverloaded-virtual -fstack-protector-strong -fno-omit-frame-pointer
    "$<$<CXX_COMPILER_ID:GNU>:-fcoroutines;-fpch-preprocess>"
    $<$<BOOL:${OVVOC_WERROR}>:-Werror>)
target_compile_definitions(ovvoc-flags INTERFACE
    QT_NO_CAST_TO_ASCII QT_NO_CAST_FROM_BYTEARRAY QT_NO_URL_CAST_FROM_STRING QT_NO_FOREACH
    QT_NO_NARROWING_CONVERSIONS_IN_CONNECT
    QT_DISABLE_DEPRECATED_BEFORE=0x060400)
target_link_options(ovvoc-flags INTERFACE -Wl,-z,relro,-z,now)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
include(CheckPIESupported)
check_pie_supported()
if(OVVOC_SANITIZE)
    target_compile_options(ovvoc-flags INTERFACE -fsanitize=${OVVOC_SANITIZE})
    target_link_options(ovvoc-flags INTERFACE -fsanitize=${OVVOC_SANITIZE})
else()
    target_compile_definitions(ovvoc-flags INTERFACE $<$<NOT:$<CONFIG:Debug>>:_FORTIFY_SOURCE=2>)
endif()
if(OVVOC_FUZZ)
    target_compile_options(ovvoc-flags INTERFACE -fsanitize=fuzzer-no-link,address,undefined)
    target_link_options(ovvoc-flags INTERFACE -fsanitize=address,undefined)
endif()
