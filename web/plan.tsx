import type { ComponentChildren } from 'preact'
import { cpuText, memoryText } from './model.ts'
import { AskButton, asked, PlanProblem } from './plan-asked.tsx'
import './plan.css'
import { type Plan, planSummary, presetText } from './plan-model.ts'
import { actionKey } from './store.ts'

/** What `devk up` would change. It is made only when somebody asks for it. */
export function PlanView() {
  const { plan, at } = asked.value
  return (
    <div class="list plan">
      <div class="bar">
        <h2>Plan</h2>
        <AskButton>Show what devk up would change</AskButton>
      </div>
      <p class="quiet">
        {actionKey.value === null
          ? 'This page only reads, and a plan runs the code of the configuration. devk plan shows it in a terminal.'
          : 'It compares the configuration and the manifests with the cluster, and changes nothing. Code of the project runs only if you have allowed it before.'}
      </p>
      <div role="status">
        {at !== undefined && <p class="quiet">As of {at.toLocaleTimeString('en-GB')}.</p>}
        {plan?.ok && <p class="summary">{planSummary(plan.plan)}</p>}
        {plan?.ok === false && <PlanProblem text={plan.text} hint={plan.hint} />}
      </div>
      {plan?.ok && <Sections plan={plan.plan} />}
    </div>
  )
}

function Sections({ plan: { changes, rules, presets, fit, notes, cluster } }: { readonly plan: Plan }) {
  return (
    <>
      {!cluster.exists && <p class="note">The cluster {cluster.context} does not exist; devk up creates it.</p>}
      <Section title="Changes" items={changes}>
        {changes.map((change) => (
          <Change key={`${change.action} ${change.object}`} change={change} />
        ))}
      </Section>
      <Section title="Adapted to this machine" items={rules}>
        {rules.map(({ object, field, from, to, rule }, index) => (
          <li key={index}>
            {object}: {field}: {from} → {to} <span class="quiet">({rule})</span>
          </li>
        ))}
      </Section>
      <Section title="Presets" items={presets}>
        {presets.map((preset) => (
          <li key={preset.name}>
            <strong>{preset.name}</strong> {preset.version ?? '(no longer configured)'}: {presetText(preset)}
          </li>
        ))}
      </Section>
      {fit !== null && (
        <Section title="Room on the nodes" items={[fit]}>
          <li>
            {fit.fits ? 'It fits' : 'It does not fit'}: CPU {cpuText(fit.requested.cpu)} of {cpuText(fit.available.cpu)}
            , memory {memoryText(fit.requested.memory)} of {memoryText(fit.available.memory)}
          </li>
          {fit.problems.map((problem) => (
            <li key={problem} class="why">
              {problem}
            </li>
          ))}
          {fit.suggestion !== null && <li>This would fit: scale: {fit.suggestion}</li>}
        </Section>
      )}
      <Section title="Notes" items={notes}>
        {notes.map((note) => (
          <li key={note}>{note}</li>
        ))}
      </Section>
    </>
  )
}

interface SectionProps {
  readonly title: string
  readonly items: readonly unknown[]
  readonly children: ComponentChildren
}

function Section({ title, items, children }: SectionProps) {
  if (items.length === 0) return null
  return (
    <section>
      <h3>{title}</h3>
      <ul>{children}</ul>
    </section>
  )
}

/** Lines with + and −, as in a diff: colour alone would not tell everyone. */
function Change({ change: { action, object, why, fields } }: { readonly change: Plan['changes'][number] }) {
  return (
    <li class={`change ${action}`}>
      <p>
        <span class="action-word">{action}</span> <strong>{object}</strong> {why !== null && `(${why})`}
      </p>
      {fields.map(({ path, from, to }) => (
        <div key={path} class="field">
          <span class="quiet">{path}</span>
          {from !== undefined && <del>− {from}</del>}
          {to !== undefined && <ins>+ {to}</ins>}
        </div>
      ))}
    </li>
  )
}
