// The operations page: is anything red, and why.

import { render } from 'preact';
import '../style/tokens.css';
import '../style/desk.css';
import './ops.css';
import { useLang, useStore } from '../lib/hooks';
import { t } from '../lib/i18n';
import { sentence } from '../lib/problem';
import { Notice } from '../lib/ui/notice';
import { Board } from './board';
import { Watching } from './watching';

function Page({ watching }: { watching: Watching }) {
  useLang();
  const state = useStore(watching.store);
  const { figures, problem, refused } = state;
  if (refused && problem) return <Notice head={sentence(problem)} advice={t('page.refused.do')} />;
  if (!figures) return <Notice head={t('app.loading')} advice={problem ? sentence(problem) : ''} />;
  return <Board state={state} figures={figures} />;
}

const watching = new Watching();
const root = document.getElementById('page');
if (root) render(<Page watching={watching} />, root);
void watching.begin();
