import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { withGenerated, writeManifests } from '../../../../src/commands/init/new-manifests.ts'
import type { CliContext } from '../../../../src/context.ts'
import { scan } from '../../../../src/scan/scan.ts'

const compose = `services:
  api: { image: acme/api, env_file: .env, privileged: true, depends_on: { job: { condition: service_completed_successfully } } }
  job: { image: acme/job }
`

function folder(): string {
  const root = mkdtempSync(join(tmpdir(), 'devk-init-'))
  onTestFinished(() => rmSync(root, { recursive: true, force: true }))
  writeFileSync(join(root, 'compose.yaml'), compose)
  writeFileSync(join(root, '.env'), 'A=1\n')
  return root
}

const write = async (cwd: string) => writeManifests({ cwd, isTTY: false } as CliContext, await scan(cwd), 'shop')

test('the manifests of a Compose file are written, and its env file is a Secret of the configuration', async () => {
  const cwd = folder()
  const made = await write(cwd)
  if (made === undefined) throw new Error('nothing was made')
  expect(readFileSync(join(cwd, 'k8s/api.yaml'), 'utf8')).toContain('image: acme/api')
  expect(readFileSync(join(cwd, 'k8s/kustomization.yaml'), 'utf8')).toContain('- api.yaml')
  const missing = 'No manifest defines the Secret env. Write its values to .env and add it under secrets.'
  const services = { api: { workload: 'Deployment/api' } }
  const proposal = { config: { name: 'shop', services }, notes: [missing, 'Another.'], remarks: [], reasons: {} }
  expect(withGenerated(proposal, made)).toEqual({
    config: {
      name: 'shop',
      services: { api: { workload: 'Deployment/api', dependsOn: ['job'] }, job: { workload: 'Job/job' } },
      secrets: { env: { fromEnvFile: '.env' } },
    },
    notes: ['compose.yaml:2: api: privileged has no counterpart here.', 'Another.'],
    remarks: ['k8s was made from compose.yaml. It is yours: change it as you like.'],
    reasons: {},
  })
})

test('a file that appears meanwhile stays as it is', async () => {
  const cwd = folder()
  const found = await scan(cwd)
  mkdirSync(join(cwd, 'k8s'))
  writeFileSync(join(cwd, 'k8s/api.yaml'), 'mine')
  const failed = writeManifests({ cwd, isTTY: false } as CliContext, found, 'shop')
  await expect(failed).rejects.toThrow('k8s/api.yaml is there already')
  expect(readFileSync(join(cwd, 'k8s/api.yaml'), 'utf8')).toBe('mine')
})

test('without a Compose file and Dockerfiles nothing is written', async () => {
  const cwd = folder()
  rmSync(join(cwd, 'compose.yaml'))
  expect(await write(cwd)).toBeUndefined()
  expect(existsSync(join(cwd, 'k8s'))).toBe(false)
})
