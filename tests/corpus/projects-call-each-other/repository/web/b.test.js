require("node:test")("i",()=>{if(!require("isarray")([]))throw 1})
