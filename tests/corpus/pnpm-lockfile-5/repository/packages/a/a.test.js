const test=require("node:test");test("debug",()=>{require("debug")("x")});
