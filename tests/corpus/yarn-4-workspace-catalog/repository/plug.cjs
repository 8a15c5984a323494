console.log('CANARY plugin'); module.exports={name:'x',factory:()=>({})}
