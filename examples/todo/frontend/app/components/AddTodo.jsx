'use client'

import { useState } from 'react'

/** A line to write one todo in. Its text stays when adding fails. */
export function AddTodo({ onAdd }) {
  const [title, setTitle] = useState('')

  async function submit(event) {
    event.preventDefault()
    if (title.trim() && (await onAdd(title))) setTitle('')
  }

  return (
    <form className="add" onSubmit={submit}>
      <input
        aria-label="New todo"
        placeholder="What needs doing?"
        maxLength={200}
        value={title}
        onChange={(event) => setTitle(event.target.value)}
      />
      <button type="submit" disabled={!title.trim()}>
        Add
      </button>
    </form>
  )
}
