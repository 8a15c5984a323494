import produce from 'immer';

export const add = (list, one) => produce(list, (draft) => { draft.push(one); });
