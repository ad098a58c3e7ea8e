/**
 * The door to the TypeScript programs of this folder: `node scripts/launch.js start --port 7700`.
 * Plain JavaScript, because a Node.js that is too old for them must still be able to say so.
 */
const NODE_MAJOR_MIN = 22;
const PROGRAMS = [
  "start",
  "serve",
  "bench",
  "bench-tasks",
  "chaos",
  "elasticity",
  "import-dump",
  "simulate",
];

const [program] = process.argv.splice(2, 1);
const major = Number(process.versions.node.split(".")[0]);

if (major < NODE_MAJOR_MIN) {
  process.stderr.write(
    `miroir: needs Node.js ${NODE_MAJOR_MIN} or newer, this is ${process.versions.node}; ` +
      "`npm ci` brings its own, which `npm start` and `npm run` use\n",
  );
  process.exit(1);
}
if (program === undefined || !PROGRAMS.includes(program)) {
  process.stderr.write(`miroir: no such program; there are ${PROGRAMS.join(", ")}\n`);
  process.exit(2);
}
await import(`./${program}.ts`);
