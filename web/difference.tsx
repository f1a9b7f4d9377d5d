import { AskButton, asked, PlanProblem } from './plan-asked.tsx'
import './plan.css'
import { differencesOf } from './plan-model.ts'
import { actionKey, parts, words } from './store.ts'

/** What devk changes of the manifests for this machine, by service: `#/production/SERVICE`. */
export function DifferenceView() {
  const [, wanted = ''] = words.value
  const { plan, at } = asked.value
  const groups = plan?.ok ? differencesOf(plan.plan.rules, parts.value) : []
  const shown = wanted === '' ? groups : groups.filter(({ service }) => service === wanted)
  return (
    <div class="list plan">
      <div class="bar">
        <h2>Production</h2>
        <AskButton>Show the difference from production</AskButton>
        {wanted !== '' && <a href="#/production">All services</a>}
      </div>
      <p class="quiet">
        {actionKey.value === null
          ? 'This page only reads, and the difference comes from the code of the configuration. devk plan shows it in a terminal.'
          : 'What the rules of scale in the configuration change of your manifests on this machine. Production keeps what they say.'}
      </p>
      <div role="status">
        {at !== undefined && <p class="quiet">As of {at.toLocaleTimeString('en-GB')}.</p>}
        {plan?.ok === false && <PlanProblem text={plan.text} hint={plan.hint} />}
        {plan?.ok && shown.length === 0 && (
          <p class="summary">
            {wanted === ''
              ? 'Nothing differs: the manifests are deployed as they are.'
              : `Nothing of ${wanted} differs.`}
          </p>
        )}
      </div>
      {shown.map(({ service, rules }) => (
        <section key={service ?? ''}>
          <h3>
            {service === null ? (
              'Objects of no one service'
            ) : (
              <a href={`#/services/service/${encodeURIComponent(service)}`}>{service}</a>
            )}
          </h3>
          <ul>
            {rules.map(({ object, field, from, to, rule }, index) => (
              <li key={index}>
                <p>
                  {object} <span class="quiet">({rule})</span>
                </p>
                <div class="field">
                  <span class="quiet">{field}</span>
                  <del>− {from}</del>
                  <ins>+ {to}</ins>
                </div>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  )
}
