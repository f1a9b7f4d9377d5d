import { app, node, type Repository } from './repository.ts'

const files = {
  'web/Dockerfile': node(),
  'other/Dockerfile': node(),
  'k8s/web.yaml': app('web', 'acme/thing'),
  'prod/web.yaml': app('web', 'acme/thing'),
  'tests/fixtures/web.yaml': app('web', 'acme/thing'),
  'overlay/kustomization.yaml': 'resources: [../k8s/web.yaml]\n',
  'chart/Chart.yaml': 'name: web\n',
  'chart/templates/web.yaml': app('web', 'acme/thing'),
  'more/values.yaml': 'a: 1\n',
}

/** Repositories whose user decides with flags. */
export const chosen: readonly Repository[] = [
  {
    about: '--manifests chooses a variant, and --image its Dockerfile',
    files,
    flags: { manifests: ['./prod/'], image: ['thing=other/Dockerfile'] },
    deploy: { manifests: 'prod' },
    services: { thing: 'other/Dockerfile' },
    notes: [/web\/Dockerfile builds\.$/],
  },
  {
    about: '--manifests reads a folder that is not searched',
    files,
    flags: { manifests: ['tests/fixtures'], image: ['acme/thing=web/Dockerfile'] },
    deploy: { manifests: 'tests/fixtures' },
    services: { thing: 'web/Dockerfile' },
    notes: [/other\/Dockerfile builds\.$/],
  },
  {
    about: '--chart and --values',
    files,
    flags: { chart: ['chart'], values: ['more/values.yaml'], image: ['thing=web/Dockerfile'] },
    deploy: { helm: [{ name: 'web', chart: 'chart', values: ['more/values.yaml'] }] },
    services: { thing: 'web/Dockerfile' },
    notes: [/^Without helm/, /other\/Dockerfile builds\.$/],
  },
  {
    about: '--image builds an image that others publish',
    files: { 'redis/Dockerfile': node(), 'k.yaml': app('redis', 'redis:7') },
    flags: { image: ['redis=redis/Dockerfile'] },
    services: { redis: 'redis/Dockerfile' },
  },
  {
    about: '--from chooses between tools that contradict each other',
    files: {
      ...files,
      Tiltfile: "docker_build('acme/thing', 'web')\nk8s_yaml('k8s/web.yaml')\n",
      'skaffold.yaml':
        'build: { artifacts: [{ image: acme/thing, context: other }] }\nmanifests: { rawYaml: [prod/*.yaml] }\n',
    },
    flags: { from: ['tilt'] },
    deploy: { manifests: 'k8s/web.yaml' },
    services: { thing: 'web/Dockerfile' },
    notes: [/other\/Dockerfile builds\.$/],
  },
]
