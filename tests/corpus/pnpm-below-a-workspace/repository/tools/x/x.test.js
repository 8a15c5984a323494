require("node:test")("i",()=>require("isarray"))
