if(require("ms/package.json").version!=="2.0.0"){console.error("b.ts(1,1): error TS1: no");process.exit(2)}
