console.error("browserType.launch: Executable doesn't exist at /tmp/home/.cache/ms-playwright/chromium-1194/chrome-linux/chrome");
process.exit(1);
