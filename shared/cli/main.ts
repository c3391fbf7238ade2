import { runCli } from './cli.ts';

process.exitCode = await runCli(process.argv.slice(2), process.env, process.cwd(), {
  answer: (line) => {
    process.stdout.write(`${line}\n`);
  },
  complain: (line) => {
    process.stderr.write(`${line}\n`);
  },
});
