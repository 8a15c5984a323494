export const name = 'lamp';
