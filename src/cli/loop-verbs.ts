import type { Command } from 'commander'
import type { Bind } from './commands.ts'
import { examples, json, profile, timing, yesHere } from './options.ts'

/** The commands that watch the source, and those that control a devk that does. */
export function addLoopCommands(program: Command, bind: Bind): void {
  const dev = program
    .command('dev')
    .description('watch the source of a stack that is already up: sync, forwards and logs')
    .option(...profile)
    .option(...timing)
    .option(...yesHere)
    .option(...json)
    .addHelpText('after', examples('devk dev', 'devk dev --timing', 'devk dev --json'))
  bind(dev, 'dev')

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
}
