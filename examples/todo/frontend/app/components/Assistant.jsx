'use client'

import { useState } from 'react'

/** A box for a sentence that the assistant turns into todos. Its text stays when that fails. */
export function Assistant({ onPlan }) {
  const [text, setText] = useState('')
  const [busy, setBusy] = useState(false)

  async function submit(event) {
    event.preventDefault()
    setBusy(true)
    if (await onPlan(text)) setText('')
    setBusy(false)
  }

  return (
    <form className="assistant" onSubmit={submit}>
      <label htmlFor="wish">Assistant</label>
      <textarea
        id="wish"
        rows={2}
        maxLength={2000}
        placeholder="Buy milk, call Ada and book a flight to Oslo"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <button type="submit" disabled={busy || !text.trim()}>
        {busy ? 'Planning …' : 'Make a list'}
      </button>
    </form>
  )
}
