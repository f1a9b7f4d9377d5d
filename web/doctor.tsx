import { signal } from '@preact/signals'
import { useEffect } from 'preact/hooks'
import type { Finding, UiDoctor } from '../src/commands/ui/api.ts'
import { ask } from './ask.ts'
import './doctor.css'
import { Refusal } from './refusal.tsx'

/** What the last examination found; `runs` while another one runs. */
const examined = signal<{ readonly runs: boolean; readonly answer?: UiDoctor; readonly at?: Date }>({ runs: false })

const marks = { ok: '✔ fine', warn: '! warning', fail: '✖ failed' } as const

/** Whether local clusters can work on this machine: the checks of `devk doctor`. */
export function DoctorView() {
  const { runs, answer, at } = examined.value
  useEffect(() => {
    if (examined.value.answer === undefined) void examine()
  }, [])
  return (
    <div class="list doctor">
      <div class="bar">
        <h2>Doctor</h2>
        <button type="button" disabled={runs} onClick={() => void examine()}>
          {runs ? 'Checking …' : 'Check again'}
        </button>
      </div>
      <p class="quiet" role="status">
        {at === undefined
          ? 'The checks of devk doctor.'
          : `The checks of devk doctor, at ${at.toLocaleTimeString('en-GB')}.`}
      </p>
      {answer?.ok === false && <Refusal {...answer} />}
      {answer?.ok && (
        <ul class="findings">
          {answer.findings.map((finding) => (
            <OneFinding key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
    </div>
  )
}

async function examine(): Promise<void> {
  if (examined.value.runs) return
  examined.value = { ...examined.value, runs: true }
  examined.value = { runs: false, answer: await ask<UiDoctor>('doctor'), at: new Date() }
}

function OneFinding({ finding: { title, level, detail, why, fix } }: { readonly finding: Finding }) {
  const commands = fix?.commands.map((argv) => argv.join(' ')).join(' && ')
  return (
    <li class={level}>
      <p>
        <span class="mark-of">{marks[level]}</span> <strong>{title}</strong> {detail}
      </p>
      {why !== undefined && <p class="quiet">{why}</p>}
      {fix !== undefined && (
        <p>
          Fix: {commands ? <code>{commands}</code> : fix.explain}
          {fix.by !== 'hand' && (
            <>
              {' '}
              <span class="quiet">
                (<code>devk doctor --fix</code> does it)
              </span>
            </>
          )}
        </p>
      )}
    </li>
  )
}
