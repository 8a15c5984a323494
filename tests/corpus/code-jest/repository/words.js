/** Says a greeting by what is handed to it. */
exports.greet = (say, name) => { say(`Hello, ${name}`); say('bye'); return say; };
exports.title = () => document.createElement('h1').tagName;
