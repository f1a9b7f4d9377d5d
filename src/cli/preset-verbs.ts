import type { Command } from 'commander'
import { examples, json, yes } from './options.ts'
import type { Bind } from './verbs.ts'

/** The commands for presets and what they provide: URLs and certificates. */
export function addPresetCommands(program: Command, bind: Bind): void {
  const preset = program
    .command('preset')
    .description('list, show and add presets: parts of the platform that devk installs, such as an ingress controller')
  const list = preset
    .command('list', { isDefault: true })
    .description('list all presets with version, state and description')
    .option(...json)
    .addHelpText('after', examples('devk preset list', 'devk preset list --json'))
  bind(list, 'preset list')
  const show = preset
    .command('show')
    .description('show what a preset installs: images, objects, ports, URLs, resource requests')
    .argument('<preset>', 'name of a preset, or a folder such as ./presets/mail')
    .option(...json)
    .addHelpText('after', examples('devk preset show ingress', 'devk preset show ./presets/mail'))
  bind(show, 'preset show')
  const add = preset
    .command('add')
    .description('add a preset to the configuration')
    .argument('<preset>', 'name of a preset, or a folder such as ./presets/mail')
    .option(...json)
    .addHelpText('after', examples('devk preset add metrics-server'))
  bind(add, 'preset add')
  const outdated = preset
    .command('outdated')
    .description('list installed presets that have another version in this devk; exits with 1 if there are any')
    .option(...json)
    .addHelpText('after', examples('devk preset outdated'))
  bind(outdated, 'preset outdated')
  const open = program
    .command('open')
    .description('print the URL of a service or preset, and open it in the browser')
    .argument('<name>', 'name of a service or preset')
    .option(...json)
    .addHelpText('after', examples('devk open grafana', 'devk open frontend --json'))
  bind(open, 'open')
  const trust = program
    .command('trust')
    .description('show the local certificate authority, and make this machine trust it')
    .option('--install', 'add the authority to the trusted ones of this machine', false)
    .option('--remove', 'remove every authority that devk added; with --host, take back the agreement', false)
    .option('--host <name>', 'agree to certificates for a name on the internet and the hosts below it')
    .option(...yes)
    .option(...json)
    .addHelpText(
      'after',
      examples(
        'devk trust',
        'devk trust --install',
        'devk trust --remove --yes',
        'devk trust --host app.example.com',
        'devk trust --host app.example.com --remove',
      ),
    )
  bind(trust, 'trust')
}
