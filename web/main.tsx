import { render } from 'preact'
import { App } from './app.tsx'
import { connect } from './store.ts'
import './style.css'

connect()
const root = document.getElementById('app')
if (root !== null) render(<App />, root)
