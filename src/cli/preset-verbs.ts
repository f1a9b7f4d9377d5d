import type { Command } from 'commander'
import type { Bind } from './commands.ts'
import { collected, examples, json, yes } from './options.ts'

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
    .description('add a preset to the configuration: one of devk, a folder, or a chart, kustomization or manifests')
    .argument('<preset>', 'name of a preset, or a folder such as ./presets/mail')
    .option('--chart <chart>', 'Helm chart: oci://HOST/PATH, a URL, a name in --repo, or a folder')
    .option('--repo <url>', 'repository of the chart: https://HOST/PATH or oci://HOST/PATH')
    .option('--version <version>', 'version of the chart, or a range such as ^1.2')
    .option('--values <file>', 'file with values for the chart; repeat it for several', collected, [])
    .option('--git <url>', 'Git repository with a kustomization, a chart or manifests: https://HOST/PATH')
    .option('--ref <ref>', 'branch, tag or commit of the Git repository')
    .option('--path <folder>', 'folder in the Git repository')
    .option('--kustomize <folder>', 'folder with a kustomization')
    .option('--manifests <url>', 'URL, file or folder of manifests; repeat it for several', collected, [])
    .option('--namespace <name>', 'namespace for objects without one; default: the name of the preset')
    .option(...json)
    .addHelpText(
      'after',
      examples(
        'devk preset add metrics-server',
        'devk preset add argo-cd --chart argo-cd --repo https://argoproj.github.io/argo-helm --version ^8',
        'devk preset add flux --manifests https://github.com/fluxcd/flux2/releases/download/v2.6.0/install.yaml',
      ),
    )
  bind(add, 'preset add')
  const update = preset
    .command('update')
    .description('fetch the newest content that the configuration allows for a preset, and note it in devk.lock')
    .argument('<preset>', 'name of a preset that the configuration describes')
    .option(...json)
    .addHelpText('after', examples('devk preset update argo-cd'))
  bind(update, 'preset update')
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
