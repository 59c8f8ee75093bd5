/** Compiles the messages of the sources while building, so that no page has to carry what reads them. */
import { types, type PluginObj } from '@babel/core'
import { compileMessage } from '@lingui/message-utils/compileMessage'

/** A Babel plugin, to run after the macros: in `{ id, message }` the message is replaced by what it says. */
export function compiledMessages(): PluginObj {
  return {
    visitor: {
      ObjectProperty({ node, parent }) {
        if (!types.isIdentifier(node.key, { name: 'message' }) || !types.isStringLiteral(node.value)) return
        if (!types.isObjectExpression(parent) || !parent.properties.some(isId)) return
        const compiled = compileMessage(node.value.value)
        const [only] = compiled
        const plain = compiled.length === 1 && typeof only === 'string' ? only : compiled
        // By way of JSON, which leaves out what a plural does not have.
        node.value = types.valueToNode(JSON.parse(JSON.stringify(plain)))
      },
    },
  }
}

function isId(property: types.ObjectExpression['properties'][number]) {
  return types.isObjectProperty(property) && types.isIdentifier(property.key, { name: 'id' })
}
