import { app } from '../repository.ts'
import { compiled, from, type Shape } from './shape.ts'

const go = compiled('golang:1.25', 'go build -o /out .', 'scratch')
const node = from('node:22', 'WORKDIR /repo', 'COPY . .', 'RUN pnpm install --frozen-lockfile')
const chart = (name: string, image: string) => ({
  [`charts/${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 0.1.0\n`,
  [`charts/${name}/values.yaml`]: `image: { repository: ${image}, tag: v1 }\n`,
  [`charts/${name}/templates/app.yaml`]: app(name, '{{ .Values.image.repository }}:{{ .Values.image.tag }}'),
})
const next = '{ "name": "@acme/web", "scripts": { "dev": "next dev" }, "dependencies": { "next": "16" } }'

/** Repositories whose parts lie in charts, overlays and workspaces, or that have no Dockerfile. */
export const trees: readonly Shape[] = [
  {
    about: 'a Helm chart for each service',
    files: {
      ...{ ...chart('orders', 'acme/orders'), ...chart('billing', 'acme/billing'), ...chart('cache', 'redis') },
      'orders/Dockerfile': go,
      'orders/go.mod': '',
      'billing/Dockerfile': from('python:3.13', 'WORKDIR /app', 'COPY . .', 'CMD ["fastapi", "run", "main.py"]'),
      'billing/main.py': '',
    },
    built: { orders: 'orders/Dockerfile', billing: 'billing/Dockerfile' },
    synced: ['billing'],
    others: ['Deployment/cache'],
  },
  {
    about: 'kustomize: bases of two teams that an overlay for development gathers',
    files: {
      'apps/auth/Dockerfile': go,
      'apps/auth/go.mod': '',
      'apps/auth/k8s/kustomization.yaml': 'resources: [auth.yaml]\n',
      'apps/auth/k8s/auth.yaml': app('auth', 'acme/auth'),
      'apps/feed/Dockerfile': from('ruby:3.4', 'WORKDIR /app', 'COPY . .', 'CMD ["bundle", "exec", "rackup"]'),
      'apps/feed/config.ru': "require 'sinatra/reloader'\n",
      'apps/feed/k8s/kustomization.yaml': 'resources: [feed.yaml]\n',
      'apps/feed/k8s/feed.yaml': app('feed', 'acme/feed'),
      'env/dev/kustomization.yaml': 'resources: [../../apps/auth/k8s, ../../apps/feed/k8s]\n',
      'env/production/kustomization.yaml': 'resources: [../../apps/auth/k8s, ../../apps/feed/k8s]\n',
    },
    built: { auth: 'apps/auth/Dockerfile', feed: 'apps/feed/Dockerfile' },
    synced: ['feed'],
  },
  {
    about: 'pnpm and turbo: applications and packages, images built from the root',
    files: {
      'package.json': '{ "private": true }',
      'pnpm-workspace.yaml': 'packages: [apps/*, packages/*]\n',
      ...{ 'pnpm-lock.yaml': '', 'turbo.json': '{}', 'packages/ui/package.json': '{ "name": "@acme/ui" }' },
      'apps/web/package.json': next,
      'apps/web/Dockerfile': `${node}CMD ["pnpm", "--filter", "@acme/web", "dev"]\n`,
      'apps/api/package.json': '{ "name": "@acme/api", "scripts": { "start": "node server.js" } }',
      'apps/api/server.js': '',
      'apps/api/Dockerfile': `${node}CMD ["pnpm", "--filter", "@acme/api", "start"]\n`,
      'infra/k8s/web.yaml': app('web', 'ghcr.io/acme/web:latest', 3000),
      'infra/k8s/api.yaml': app('api', 'ghcr.io/acme/api:latest', 4000),
    },
    built: { web: 'apps/web/Dockerfile', api: 'apps/api/Dockerfile' },
    synced: ['api', 'web'],
  },
  {
    about: 'nx: one Dockerfile for each application beside its sources, with the names of the projects',
    files: {
      ...{ 'nx.json': '{}', 'package.json': '{}', 'package-lock.json': '{}' },
      'apps/shop-api/Dockerfile': from('node:22', 'COPY dist/apps/shop-api /app', 'CMD ["node", "/app/main.js"]'),
      'apps/shop-api/src/main.ts': '',
      'apps/shop-front/Dockerfile': from('nginx:alpine', 'COPY dist/apps/shop-front /usr/share/nginx/html'),
      'apps/shop-front/src/main.ts': '',
      'k8s/api.yaml': app('api', 'registry.example.com/shop/shop-api'),
      'k8s/front.yaml': app('front', 'registry.example.com/shop/shop-front', 80),
    },
    built: { api: 'apps/shop-api/Dockerfile', front: 'apps/shop-front/Dockerfile' },
  },
  {
    about: 'no Dockerfile: Jib, which pom.xml names',
    files: {
      'pom.xml':
        '<plugin><artifactId>jib-maven-plugin</artifactId></plugin><artifactId>spring-boot-maven-plugin</artifactId>',
      'k8s/clinic.yaml': app('clinic', 'acme/clinic'),
      'k8s/db.yaml': app('db', 'postgres:17', 5432),
    },
    built: {},
    others: ['Deployment/clinic', 'Deployment/db'],
    open: [
      /^acme\/clinic has no Dockerfile\. pom\.xml says that Jib makes images: .*'jib:dockerBuild', '-Dimage=\$DEVK_IMAGE'\] }/,
    ],
  },
  {
    about: 'no Dockerfile: Buildpacks with a project.toml, beside a container for the editor',
    files: {
      '.devcontainer/devcontainer.json': '{ "build": { "dockerfile": "Dockerfile" } }',
      '.devcontainer/Dockerfile': from('debian'),
      'project.toml': '[_]\nschema-version = "0.2"\n',
      'k8s/site.yaml': app('site', 'registry.example.com/team/site'),
    },
    built: {},
    others: ['Deployment/site'],
    open: [
      /project\.toml says that Cloud Native Buildpacks makes images: .*command: \['pack', 'build', '\$DEVK_IMAGE'\] }/,
    ],
  },
  {
    about: 'no Dockerfile: ko, with its names of Go packages in the manifests',
    files: {
      '.ko.yaml': 'defaultBaseImage: x\n',
      'go.mod': 'module acme.example/controller\n',
      'config/controller.yaml': app('controller', 'ko://acme.example/controller/cmd/controller'),
    },
    built: {},
    others: ['Deployment/controller'],
    open: [/\.ko\.yaml says that ko makes images: .*'--local', 'acme\.example\/controller\/cmd\/controller'\] }/],
  },
]
