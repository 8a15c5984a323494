console.log('CANARY the repository\'s own Yarn runs');
require(`/work/toolchain/${require('fs').readdirSync('/work/toolchain').find((n) => /^(yarn|cli-dist)-/.test(n))}/bin/yarn.js`);
