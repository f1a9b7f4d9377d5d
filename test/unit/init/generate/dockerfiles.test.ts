import { expect, test } from 'vitest'
import { manifestsFromDockerfiles } from '../../../../src/init/generate/dockerfiles.ts'
import { repository } from '../../readers/repository.ts'
import { containerOf, objects } from './made.ts'

test('a repository with only Dockerfiles gets the smallest good manifests', async () => {
  const api = 'FROM x\nENV P=9000\nEXPOSE 8080 $P/tcp\n'
  const files = { 'api/Dockerfile': api, Dockerfile: 'FROM y\n', 'test/Dockerfile': '' }
  const found = (file: keyof typeof files, context: string) => ({
    file,
    context,
    stages: [],
    text: files[file],
    variants: [],
    packageName: undefined,
  })
  const dockerfiles = [found('api/Dockerfile', 'api'), found('Dockerfile', '.'), found('test/Dockerfile', 'test')]
  const made = await manifestsFromDockerfiles(dockerfiles, 'shop', repository(files))
  expect([...objects(made).keys()]).toEqual(['Deployment/api', 'Service/api', 'Deployment/shop', 'Service/shop'])
  expect(containerOf(made, 'Deployment/api')).toMatchObject({
    image: 'api',
    ports: [{ containerPort: 8080 }, { containerPort: 9000 }],
    readinessProbe: { tcpSocket: { port: 8080 } },
    resources: { requests: { cpu: '0.05', memory: '64Mi' } },
  })
  expect(made?.open).toEqual([
    {
      place: { file: 'Dockerfile', line: 1 },
      message: 'shop: neither EXPOSE nor its command names its port. Add it to the Service and the Deployment.',
    },
  ])
  expect(await manifestsFromDockerfiles([], 'shop', repository({}))).toBeUndefined()
})

test.each([
  [['uvicorn', 'app:app', '--port=9001'], 9001],
  [['gunicorn', '-b', '0.0.0.0:9002', 'app:app'], 9002],
  [['python', 'manage.py', 'runserver', '0.0.0.0:9003'], 9003],
  [['pnpm', '--filter', '@acme/shop', 'dev'], 3001],
  [['node', 'server.js'], 4000],
  [['node', 'server.js', '--cpus', '8'], 4000],
] as const)('without EXPOSE the command names the port: %j', async (command, port) => {
  const files = {
    Dockerfile: `FROM node\nENV PORT=4000\nWORKDIR /app\nCOPY . .\nCMD ${JSON.stringify(command)}\n`,
    'package.json': '{ "workspaces": ["apps/*"] }',
    'apps/store/package.json': '{ "name": "@acme/shop", "scripts": { "dev": "next dev -p 3001" } }',
  }
  const dockerfile = { file: 'Dockerfile', context: '.', stages: [], variants: [], packageName: undefined }
  const found = { ...dockerfile, text: files.Dockerfile }
  const made = await manifestsFromDockerfiles([found], 'shop', repository(files))
  expect(containerOf(made, 'Deployment/shop')).toMatchObject({ ports: [{ containerPort: port }] })
  expect(made?.open).toEqual([])
})

test('a Procfile gives a service for each process; the one of the image is web', async () => {
  const text = 'FROM python\nWORKDIR /app\nCOPY . .\n'
  const processes = 'web: gunicorn app:app --bind 0.0.0.0:$PORT\nworker: celery -A app worker\nrelease: ./migrate.sh\n'
  const dockerfile = { file: 'Dockerfile', context: '.', stages: [], variants: [], packageName: undefined, text }
  const made = await manifestsFromDockerfiles(
    [dockerfile],
    'shop',
    repository({ Dockerfile: text, Procfile: processes }),
  )
  expect([...objects(made).keys()]).toEqual([
    ...['Deployment/shop', 'Service/shop', 'Deployment/shop-worker', 'Service/shop-worker'],
  ])
  expect(containerOf(made, 'Deployment/shop')).toMatchObject({
    command: ['sh', '-c', 'gunicorn app:app --bind 0.0.0.0:$PORT'],
    env: [{ name: 'PORT', value: '8080' }],
    ports: [{ containerPort: 8080 }],
  })
  expect(containerOf(made, 'Deployment/shop-worker')).toMatchObject({ command: ['celery', '-A', 'app', 'worker'] })
  expect(made?.images).toEqual(['shop=Dockerfile', 'shop-worker=Dockerfile'])
  expect(made?.open.map(({ message }) => message)).toEqual(['No service runs the process release: ./migrate.sh'])
})

test('an image that says what it runs keeps its command', async () => {
  const text = 'FROM python\nEXPOSE 80\nCMD ["./serve"]\n'
  const dockerfile = { file: 'Dockerfile', context: '.', stages: [], variants: [], packageName: undefined, text }
  const files = repository({ Dockerfile: text, Procfile: 'web: gunicorn app:app\n' })
  const made = await manifestsFromDockerfiles([dockerfile], 'shop', files)
  expect(containerOf(made, 'Deployment/shop')).not.toHaveProperty('command')
})
