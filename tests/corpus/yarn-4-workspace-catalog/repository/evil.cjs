console.log('CANARY the repository\'s own Yarn runs');
require('/work/toolchain/yarn/bin/yarn.js');
