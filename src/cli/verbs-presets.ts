import type { Command } from 'commander'
import { examples, json, yes } from './options.ts'
import type { Bind } from './verbs.ts'

/** The commands about presets. */
export function addPresetCommands(program: Command, bind: Bind): void {
  const preset = program.command('preset').description('the parts of the platform that devk can install')
  const list = preset
    .command('list', { isDefault: true })
    .description('all presets, with version, sets and what they are for')
    .option(...json)
    .addHelpText('after', examples('devk preset list', 'devk preset list --json'))
  bind(list, 'preset list')
  const show = preset
    .command('show')
    .description('what a preset brings: images, objects, ports, URLs, requests')
    .argument('<preset>', 'a name, or a folder such as ./presets/mail')
    .option(...json)
    .addHelpText('after', examples('devk preset show ingress', 'devk preset show ./presets/mail'))
  bind(show, 'preset show')
  const add = preset
    .command('add')
    .description('add a preset to the configuration')
    .argument('<preset>')
    .option(...json)
    .addHelpText('after', examples('devk preset add metrics-server'))
  bind(add, 'preset add')
  const outdated = preset
    .command('outdated')
    .description('presets whose installed version is not the one that this devk brings')
    .option(...json)
    .addHelpText('after', examples('devk preset outdated'))
  bind(outdated, 'preset outdated')
  const open = program
    .command('open')
    .description('print the URL of a service or preset, and open it in the browser on a terminal')
    .argument('<name>', 'a service or preset')
    .option(...json)
    .addHelpText('after', examples('devk open grafana', 'devk open frontend --json'))
  bind(open, 'open')
  const trust = program
    .command('trust')
    .description('where the local certificate authority is, and how this machine comes to trust it')
    .option('--install', 'add it to the authorities that this machine trusts', false)
    .option('--remove', 'take it away from them', false)
    .option(...yes)
    .option(...json)
    .addHelpText('after', examples('devk trust', 'devk trust --install', 'devk trust --remove --yes'))
  bind(trust, 'trust')
}
