// Lint rules of our own: every text that a person reads stands in a file named `*-text.ts`, so that a translation
// replaces those files and touches no logic. They look at the words themselves and need no types; eslint.config.js
// says where they hold, words.test.js shows that they bite.

/** Two words side by side, a word beside something that is put in (`{}`), or one that is a sentence: it is read. */
const PHRASE = /\p{L}{2,}[,;:.…’']{0,2} \p{L}|\p{L}{2,}[,;:.]? \{\}|\{\} \p{L}{2,}|^\p{Lu}\p{Ll}+[.…]$/u;
/** One word as it stands on a button: names of code begin small or have a capital inside. */
const CAPTION = /^\p{Lu}\p{Ll}+$/u;
const LETTER = /\p{L}/u;

/** Attributes that are shown or spoken. */
const SPOKEN =
  /^(aria-(label|description|roledescription|valuetext|placeholder)|title|alt|placeholder|label)$/;
/** Attributes whose spaces part names, not words. */
const NAMES =
  /^(class|style|d|points|transform|viewBox|preserveAspectRatio|rel|sizes|media|accept|autocomplete|aria-(labelledby|describedby|controls|owns))$/;

/** Mistakes of whoever calls, told to programmers; an abort and a frame that is passed over are never shown. */
const FAULTS = new Set(['RangeError', 'TypeError', 'DOMException', 'DamagedFrame']);

/** What a string says, with `{}` for what is put in; null for other nodes. */
function said(node) {
  if (node.type === 'Literal') return typeof node.value === 'string' ? node.value : null;
  if (node.type === 'SvelteLiteral' || node.type === 'SvelteText') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map(({ value }) => value.cooked).join('{}');
  return null;
}

/** The strings that an expression may come to; what is handed to a function is the function's business. */
function outcomes(node) {
  switch (node?.type) {
    case 'Literal':
      return [node];
    case 'TemplateLiteral':
      return [node, ...node.expressions.flatMap(outcomes)];
    case 'ConditionalExpression':
      return [node.consequent, node.alternate].flatMap(outcomes);
    case 'LogicalExpression':
      return [node.left, node.right].flatMap(outcomes);
    case 'BinaryExpression':
      return node.operator === '+' ? [node.left, node.right].flatMap(outcomes) : [];
    case 'TSAsExpression':
    case 'TSNonNullExpression':
      return outcomes(node.expression);
    default:
      return [];
  }
}

/** Functions of the platform that take a query. */
const QUERIES = new Set(['matchMedia', 'querySelector', 'querySelectorAll', 'closest', 'matches']);

/** Names of modules, types and keys, queries, and what is said to programmers. */
function isUnread(node) {
  const { parent } = node;
  switch (parent.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
    case 'ImportExpression':
    case 'TSLiteralType':
    case 'TaggedTemplateExpression':
      return true;
    case 'Property':
      return parent.key === node && !parent.computed;
    case 'NewExpression':
      return FAULTS.has(parent.callee.name);
    case 'CallExpression':
      return (
        parent.callee.object?.name === 'console' ||
        QUERIES.has(parent.callee.name ?? parent.callee.property?.name)
      );
    default:
      return false;
  }
}

/** Names of keys and the like are compared, listed or looked for; what is shown is none of these. */
const COMPARED = new Set([
  'BinaryExpression',
  'SwitchCase',
  'CallExpression',
  'MemberExpression',
  'TSEnumMember',
]);

/** No line for a reader outside a text file. `captions`: no single word that looks like one on a button, either. */
const phrases = {
  meta: {
    type: 'problem',
    schema: [{ type: 'object', properties: { captions: { type: 'boolean' } }, additionalProperties: false }],
    messages: { apart: 'A person may read “{{words}}”: say it in a *-text.ts.' },
  },
  create(context) {
    const { captions = false } = context.options[0] ?? {};
    const isShown = (words, { parent }) =>
      PHRASE.test(words) || (captions && CAPTION.test(words) && !COMPARED.has(parent.type));
    const check = (node) => {
      const words = said(node);
      if (words !== null && isShown(words, node) && !isUnread(node))
        context.report({ node, messageId: 'apart', data: { words } });
    };
    return { Literal: check, TemplateLiteral: check };
  },
};

/** What an AppError says is shown, however short it is. */
const errors = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { apart: 'The sentence of an AppError is shown: say it in a *-text.ts.' },
  },
  create: (context) => ({
    'NewExpression[callee.name="AppError"]'({ arguments: [, sentence] }) {
      for (const node of outcomes(sentence))
        if (LETTER.test(said(node) ?? '')) context.report({ node, messageId: 'apart' });
    },
  }),
};

const CODE = new Set(['SvelteScriptElement', 'SvelteStyleElement']);
/** Where `{…}` is no text: what is shown of attributes is looked at by their names. */
const OF_A_TAG = new Set(['SvelteAttribute', 'SvelteStyleDirective']);

/** No word in the markup of a component, and none in what it shows or speaks by its attributes. */
const markup = {
  meta: {
    type: 'problem',
    schema: [],
    messages: { apart: 'A person reads “{{words}}”: say it in the *-text.ts of this page.' },
  },
  create(context) {
    const report = (node) =>
      context.report({ node, messageId: 'apart', data: { words: said(node)?.trim() } });
    const checkAll = (nodes) =>
      nodes.filter((node) => LETTER.test(said(node)?.replaceAll('{}', '') ?? '')).forEach(report);
    return {
      SvelteText: (node) => (CODE.has(node.parent.type) ? undefined : checkAll([node])),
      SvelteMustacheTag: ({ parent, expression }) =>
        OF_A_TAG.has(parent.type) ? undefined : checkAll(outcomes(expression)),
      SvelteAttribute({ key, value }) {
        if (SPOKEN.test(key.name))
          checkAll(
            value.flatMap((part) => (part.type === 'SvelteLiteral' ? [part] : outcomes(part.expression))),
          );
        else if (!NAMES.test(key.name))
          value
            .filter(
              (part) =>
                part.type === 'SvelteLiteral' && (PHRASE.test(part.value) || CAPTION.test(part.value)),
            )
            .forEach(report);
      },
    };
  },
};

export default { rules: { phrases, errors, markup } };
