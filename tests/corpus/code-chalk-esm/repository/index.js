import chalk from 'chalk';

const plain = new chalk.Instance({ level: 0 });
export const say = (text) => plain.red(text) + chalk.blue('!');
