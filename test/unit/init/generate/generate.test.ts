import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compose, containerOf, generate, objects, podOf } from './made.ts'

test('a service becomes a Deployment and a Service in a kustomization', () => {
  const made = compose(
    `services:
  My_Api:
    build: ./api
    command: ["serve", "$$(HOME)"]
    ports: ["8080:80", "53:53/udp"]
    environment: { MODE: dev, URL: "http://$$(x)" }
    deploy: { replicas: 2, resources: { limits: { cpus: "0.5", memory: 512M }, reservations: { memory: 64mb } } }
    user: "1000:2000"
`,
    { 'api/Dockerfile': 'FROM x\nEXPOSE 80 9000/tcp\n' },
  )
  expect(Object.keys(made?.files ?? {})).toEqual(['k8s/kustomization.yaml', 'k8s/my-api.yaml'])
  expect(made?.files['k8s/kustomization.yaml']).toContain('resources:\n  - my-api.yaml\n')
  expect(containerOf(made, 'Deployment/my-api')).toEqual({
    name: 'my-api',
    image: 'my-api',
    args: ['serve', '$$(HOME)'],
    ports: [
      { containerPort: 80, protocol: 'TCP' },
      { containerPort: 53, protocol: 'UDP' },
      { containerPort: 9000, protocol: 'TCP' },
    ],
    env: [
      { name: 'MODE', value: 'dev' },
      { name: 'URL', value: 'http://$$(x)' },
    ],
    readinessProbe: { tcpSocket: { port: 80 }, periodSeconds: 5 },
    resources: { requests: { memory: '64Mi' }, limits: { cpu: '0.5', memory: '512Mi' } },
    securityContext: { runAsUser: 1000, runAsGroup: 2000 },
  })
  expect(podOf(made, 'Deployment/my-api')).toMatchObject({ enableServiceLinks: false })
  expect(objects(made).get('Deployment/my-api')?.spec).toMatchObject({ replicas: 2 })
  expect(objects(made).get('Service/my-api')?.spec).toMatchObject({
    selector: { 'app.kubernetes.io/name': 'my-api' },
    ports: [{ port: 80 }, { port: 53, protocol: 'UDP' }, { port: 9000 }],
  })
  expect(made?.open.map(({ message }) => message)).toEqual(['My_Api is called my-api in the cluster.'])
  expect(compose('services: { "2048": { image: x } }')?.files['k8s/app-2048.yaml']).toContain('name: app-2048')
})

test('data becomes claims, files become ConfigMaps, and source stays in the image', () => {
  const made = compose(
    `services:
  db:
    image: postgres:17
    volumes: [data:/var/lib/postgresql/data, ./init:/docker-entrypoint-initdb.d:ro, /cache]
    environment: [POSTGRES_PASSWORD=hidden]
  web:
    build: .
    volumes: [./src:/app/src, modules:/app/node_modules, ./conf/nginx.conf:/etc/nginx.conf, ./data:/data, /var/run/docker.sock:/s]
  proxy:
    image: nginx
    volumes: [./conf/nginx.conf:/etc/nginx/nginx.conf:ro]
    tmpfs: /tmp
  copy: { image: busybox, volumes: [data:/data] }
volumes: { data: , modules: }
`,
    { 'init/a/b.sql': 'select 1\n', 'conf/nginx.conf': 'events {}\n', 'src/a.js': '' },
  )
  expect([...objects(made).keys()].sort()).toEqual(
    [
      ...['ConfigMap/db-1', 'ConfigMap/proxy-0', 'Deployment/copy', 'Deployment/db', 'Deployment/proxy'],
      ...['Deployment/web', 'PersistentVolumeClaim/data', 'Secret/db', 'Service/copy', 'Service/db'],
      ...['Service/proxy', 'Service/web'],
    ].sort(),
  )
  expect(podOf(made, 'Deployment/db').volumes).toEqual([
    { name: 'volume-0', persistentVolumeClaim: { claimName: 'data' } },
    { name: 'volume-1', configMap: { name: 'db-1', items: [{ key: 'a_b.sql', path: 'a/b.sql' }] } },
  ])
  expect(containerOf(made, 'Deployment/db')).toMatchObject({
    env: [{ name: 'POSTGRES_PASSWORD', valueFrom: { secretKeyRef: { name: 'db', key: 'POSTGRES_PASSWORD' } } }],
  })
  expect(objects(made).get('Deployment/db')?.spec).toMatchObject({ strategy: { type: 'Recreate' } })
  expect(containerOf(made, 'Deployment/proxy')).toMatchObject({
    volumeMounts: [
      { name: 'volume-0', mountPath: '/etc/nginx/nginx.conf', readOnly: true, subPath: 'nginx.conf' },
      { name: 'volume-1', mountPath: '/tmp' },
    ],
  })
  expect(podOf(made, 'Deployment/web').volumes).toBeUndefined()
  expect(made?.open.map(({ message }) => message)).toEqual([
    'web: /var/run/docker.sock at /s: it is outside the repository, so it is not mounted.',
  ])
})

test('health checks become readiness and startup probes; a name without ports leads to the pods', () => {
  const made = compose(`services:
  db:
    image: acme/db
    healthcheck: { test: ["CMD", "ready", "-q"], interval: 5s, timeout: 3s, retries: 4, start_period: 20s }
  web: { image: acme/web, healthcheck: { test: "curl -f localhost || exit 1" } }
  off: { image: acme/off, healthcheck: { disable: true, test: x } }
`)
  expect(containerOf(made, 'Deployment/db')).toMatchObject({
    readinessProbe: { exec: { command: ['ready', '-q'] }, periodSeconds: 5, timeoutSeconds: 3, failureThreshold: 4 },
    startupProbe: { exec: { command: ['ready', '-q'] }, periodSeconds: 5, failureThreshold: 8 },
  })
  expect(containerOf(made, 'Deployment/web')).toMatchObject({
    readinessProbe: { exec: { command: ['sh', '-c', 'curl -f localhost || exit 1'] } },
  })
  expect(containerOf(made, 'Deployment/off')).toEqual({ name: 'off', image: 'acme/off' })
  expect(objects(made).get('Service/web')?.spec).toEqual({
    clusterIP: 'None',
    selector: { 'app.kubernetes.io/name': 'web' },
  })
})

test('env files become secrets of the configuration; files of secrets and configs are mounted', () => {
  const made = compose(
    `services:
  api:
    image: acme/api
    env_file: [./api/.env, gone.env]
    secrets: [password]
    configs: [{ source: conf, target: /etc/app.conf }]
    privileged: true
secrets: { password: { file: db/password.txt }, far: { external: true } }
configs: { conf: { content: a=b } }
`,
    { 'api/.env.example': 'A=1\n', 'db/password.txt': 'hidden\n' },
  )
  expect(made?.secrets).toEqual({ 'api-env': { fromEnvFile: 'api/.env', orElse: 'api/.env.example' } })
  expect(containerOf(made, 'Deployment/api')).toMatchObject({
    envFrom: [{ secretRef: { name: 'api-env' } }],
    volumeMounts: [
      { mountPath: '/run/secrets/password', subPath: 'password' },
      { mountPath: '/etc/app.conf', subPath: 'conf' },
    ],
  })
  expect(objects(made).get('Secret/password')).toMatchObject({ stringData: { password: 'hidden\n' } })
  expect(made?.open.map(({ message }) => message)).toEqual([
    'No file of the repository has the value of far.',
    'api: gone.env is missing. Write it, and add it under secrets.',
    'api: privileged has no counterpart here.',
    'k8s/shared-files.yaml holds the values of its secrets: commit it only if they may be seen.',
  ])
})

test('what others wait for until it has ended is a Job; services of a profile are left out', () => {
  const made = compose(`services:
  migrate: { image: acme/api, command: migrate }
  api: { image: acme/api, depends_on: { migrate: { condition: service_completed_successfully } } }
  debug: { image: acme/debug, profiles: [debug] }
`)
  expect([...objects(made).keys()]).toEqual(['Job/migrate', 'Deployment/api', 'Service/api'])
  expect(made?.jobs).toEqual({ migrate: ['api'] })
})

test('a build context without .dockerignore gets one for its env files, and an existing one stays', () => {
  const text = 'services: { api: { build: api, env_file: [api/.env] }, web: { build: web, env_file: web/.env } }\n'
  const env = { 'api/.env': 'A=1\n', 'web/.env': 'A=1\n', 'web/.dockerignore': 'dist\n' }
  const { files = {} } = compose(text, env) ?? {}
  expect(files['api/.dockerignore']).toContain('\n.env\n')
  expect(Object.keys(files).filter((file) => file.endsWith('.dockerignore'))).toEqual(['api/.dockerignore'])
})

test('nothing is written over: the folder is a new one, or there is none', () => {
  const text = 'services: { a: { image: x } }\n'
  expect(compose(text, { 'k8s/a.yaml': '' })?.folder).toBe('kubernetes')
  const all = { 'k8s/a': '', 'kubernetes/a': '', 'k8s-from-devk/a': '' }
  expect(compose(text, all)).toBeUndefined()
  expect(generate({ 'README.md': '' })).toBeUndefined()
  expect(compose('services: {}\n')).toBeUndefined()
})

test('whatever stands in a Compose file, the manifests are YAML with the fields that Kubernetes needs', () => {
  const keys = 'image command environment ports expose volumes healthcheck deploy user env_file secrets tmpfs'.split(
    ' ',
  )
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), fc.jsonValue()), fc.string(), (service, name) => {
      const made = compose(JSON.stringify({ services: { a: { image: 'x', ...service }, [name]: { image: 'y' } } }))
      for (const object of objects(made).values()) {
        expect(object.kind).not.toBe('broken')
        expect(object.metadata.name).toMatch(/^[a-z]([-a-z0-9]*[a-z0-9])?$/)
      }
    }),
  )
})
