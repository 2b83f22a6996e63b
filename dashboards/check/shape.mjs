// Checks everything about the boards that needs no Prometheus: node shape.mjs
import {boards, shown} from './boards.mjs';
import {unconventional} from './conventions.mjs';
import {mistyped} from './types.mjs';

const conventions = boards.flatMap(unconventional);
const types = mistyped(boards);
[...conventions, ...types.problems].forEach((each) => console.error(each));
console.log(`conventions: ${boards.length} boards with ${boards.flatMap(shown).length} panels; ${conventions.length} wrong`);
console.log(`types: ${types.parts} parts; ${types.problems.length} wrong`);
process.exitCode = conventions.length + types.problems.length > 0 ? 1 : 0;
