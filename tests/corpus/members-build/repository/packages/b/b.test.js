const t=require("node:test");const a=require("assert");t("ms",()=>a.equal(require("ms")("1s"),1000));
