import type { Command } from 'commander'
import type { Bind } from './commands.ts'
import { examples, numberOption } from './options.ts'

/** The commands that show the stack elsewhere than in the terminal: in a browser, and to coding agents. */
export function addViewCommands(program: Command, bind: Bind): void {
  const ui = program
    .command('ui')
    .description(
      'show the stack in the browser: topology, services, logs and saves; only this machine can open the page',
    )
    .option('--no-open', 'only print the URL')
    .option('--read-only', 'a page that cannot restart, rebuild or roll back anything', false)
    .addOption(numberOption('--port <number>', 'port of the page on 127.0.0.1; default: a free one'))
    .option('--json', 'print the URL of the page, and that of its API with the token, as one JSON value')
    .addHelpText(
      'after',
      examples('devk ui', 'devk ui --no-open --port 9000', 'devk ui --read-only', 'devk --project todo ui --json'),
    )
  bind(ui, 'ui')

  const mcp = program
    .command('mcp')
    .description('serve the stack to coding agents: the Model Context Protocol on stdin and stdout; only reads')
    .option('--allow <tool...>', 'tools that may change the stack: restart, rebuild, rollback, run_job')
    .addHelpText('after', examples('devk mcp', 'devk mcp --allow restart rebuild', 'devk --project todo mcp'))
  bind(mcp, 'mcp')
}
