const test=require("node:test"),assert=require("node:assert");test("ms",()=>assert.equal(require("ms")("1s"),1000));
