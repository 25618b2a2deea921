// The one button that changes the language.

import { lang, setLang, t } from '../i18n';

export function LangButton() {
  return (
    <button class="lang" type="button" onClick={() => setLang(lang() === 'zh' ? 'en' : 'zh')}>
      {t('lang.other')}
    </button>
  );
}
