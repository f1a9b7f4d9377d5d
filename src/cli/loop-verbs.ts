import { type Command, Option } from 'commander'
import type { Bind } from './commands.ts'
import {
  collected,
  durationOption,
  examples,
  json,
  numberOption,
  profile,
  timing,
  traceSaves,
  yesHere,
} from './options.ts'

/** The commands that watch the source, and those that control a devk that does. */
export function addLoopCommands(program: Command, bind: Bind): void {
  const dev = program
    .command('dev')
    .description('watch the source of a stack that is already up: sync, forwards and logs')
    .option(...profile)
    .option(...timing)
    .option(...traceSaves)
    .option(...yesHere)
    .option(...json)
    .addHelpText('after', examples('devk dev', 'devk dev --timing', 'devk dev --json'))
  bind(dev, 'dev')

  const debug = program
    .command('debug')
    .description(
      'open a debugger of a service in Node, Python, Ruby, Go or Java on a port of this machine, until Ctrl-C',
    )
    .argument('<service>', 'name of the service')
    .addOption(
      numberOption(
        '--port <port>',
        'port on 127.0.0.1; default: 9229 for Node, 5678 for Python, 2345 for Go, 5005 for Java',
      ),
    )
    .addOption(
      new Option('--write <editor>', 'write a run configuration that attaches to it').choices(['vscode', 'jetbrains']),
    )
    .option('--workload <kind/name>', 'the workload, if the service has several')
    .option(...json)
    .addHelpText(
      'after',
      examples('devk debug backend', 'devk debug frontend --write vscode', 'devk debug api --port 9300'),
    )
  bind(debug, 'debug')

  const swap = program
    .command('swap')
    .description('lead a Service of the cluster to a program of this machine, until the program ends or Ctrl-C')
    .argument('<service>', 'name of the service')
    .argument('[command...]', 'a program to start with the variables of the pod, after --; default: one that runs')
    .option(
      '--port <port>',
      'where the program listens, as 8080, or as http=8080 for another port than the first; default: as in the pod',
      collected,
      [],
    )
    .option('--json', 'print one JSON object per line')
    .addHelpText(
      'after',
      examples(
        'devk swap api --port 8080 -- npm run dev',
        'devk swap api --port 3000',
        'devk swap api --port http=8080 --port metrics=9100 -- go run .',
      ),
    )
  bind(swap, 'swap')

  const trigger = program
    .command('trigger')
    .description('send what was saved of a service and waits, because of `trigger: manual` or of devk pause')
    .argument('<service>', 'name of the service')
    .addHelpText('after', examples('devk trigger backend'))
  bind(trigger, 'trigger')

  const pause = program
    .command('pause')
    .description('let saves wait, in the devk dev or devk up that runs for this stack')
    .addHelpText('after', examples('devk pause', 'devk pause && git rebase main && devk resume'))
  bind(pause, 'pause')

  const resume = program
    .command('resume')
    .description('go on after devk pause: what was saved meanwhile is sent as one save')
    .addHelpText('after', examples('devk resume'))
  bind(resume, 'resume')

  const attach = program
    .command('attach')
    .description('show what the devk dev or devk up does that runs for this stack, in another terminal or none')
    .option('--json', 'print one JSON object per line')
    .addHelpText('after', examples('devk attach', 'devk attach --json | jq -r \'select(.type == "failed").text\''))
  bind(attach, 'attach')

  const stop = program
    .command('stop')
    .description('end the pods of services; without one, end the devk that runs for this stack, which stays up')
    .argument('[service...]', 'names of services; default: the devk dev or devk up, also in the background')
    .option(...json)
    .addHelpText('after', examples('devk stop', 'devk stop backend'))
  bind(stop, 'stop')

  const start = program
    .command('start')
    .description('start services that devk stop has stopped, and wait until they are ready')
    .argument('<service...>', 'names of services')
    .option(...json)
    .addOption(durationOption('--timeout <duration>', 'how long to wait for readiness, such as 2m'))
    .addHelpText('after', examples('devk start backend', 'devk start backend --timeout 2m'))
  bind(start, 'start')
}
