import type { Money } from '@freshet/subgraph'
import { badUserInput, boundedInt, boundedText, decodeId, moneyInput } from '@freshet/subgraph'
import type {
  AdjustStockInput,
  AttributeInput,
  CreateProductInput,
  SetPriceInput,
  UpdateProductInput,
  VariantInput,
} from '../generated/graphql.ts'
import type { ProductAttribute } from './product.repository.ts'
import type { NewProduct, NewVariant, ProductPatch } from './product.writes.ts'

/*
 * The form of the mutations' inputs. Everything here throws GraphQLError `BAD_USER_INPUT` naming the input's field;
 * what is well formed but not allowed is a user error of the command.
 */

export function newProduct(input: CreateProductInput): Omit<NewProduct, 'sellerId'> {
  const price = moneyInput(input.price, 'input.price')
  return {
    title: title(input.title),
    description: description(input.description ?? ''),
    brandId: input.brandId == null ? null : decodeId('Brand', input.brandId, 'input.brandId'),
    categoryId: decodeId('Category', input.categoryId, 'input.categoryId'),
    price,
    attributes: attributes(input.attributes ?? []),
    variants: variants(input.variants, price),
  }
}

export function productPatch(input: UpdateProductInput): {
  id: string
  ifVersion?: number | null
  patch: ProductPatch
} {
  for (const name of ['title', 'description', 'categoryId', 'attributes'] as const) {
    if (input[name] === null) {
      throw badUserInput(`input.${name}`, `\`input.${name}\` can't be null; leave it out to keep it`)
    }
  }
  const { id, ifVersion } = input
  const patch: ProductPatch = {}
  if (input.title != null) patch.title = title(input.title)
  if (input.description != null) patch.description = description(input.description)
  if (input.categoryId != null) patch.categoryId = decodeId('Category', input.categoryId, 'input.categoryId')
  if (input.attributes != null) patch.attributes = attributes(input.attributes)
  if (input.brandId === null) patch.brandId = null
  else if (input.brandId !== undefined) patch.brandId = decodeId('Brand', input.brandId, 'input.brandId')
  return { id: decodeId('Product', id, 'input.id'), ifVersion, patch }
}

export function newPrice(input: SetPriceInput) {
  return {
    productId: decodeId('Product', input.productId, 'input.productId'),
    price: moneyInput(input.price, 'input.price'),
    ifVersion: input.ifVersion,
  }
}

export function stockChange(input: AdjustStockInput) {
  return {
    variantId: decodeId('Variant', input.variantId, 'input.variantId'),
    by: boundedInt(input.by, { argument: 'input.by', min: -1_000_000, max: 1_000_000 }),
  }
}

/** White space around it and the way its accents are encoded make no other title. */
function title(text: string): string {
  return boundedText(text, { argument: 'input.title', min: 1, max: 200 }).trim().normalize('NFC')
}

function description(text: string): string {
  return boundedText(text, { argument: 'input.description', max: 10_000 })
}

function attributes(inputs: readonly AttributeInput[]): ProductAttribute[] {
  atMost(inputs, 50, 'input.attributes')
  return inputs.map(({ name, value }, index) => ({
    name: boundedText(name, { argument: `input.attributes[${index}].name`, min: 1, max: 60 }),
    value: boundedText(value, { argument: `input.attributes[${index}].value`, min: 1, max: 200 }),
  }))
}

function variants(inputs: readonly VariantInput[], productPrice: Money): NewVariant[] {
  if (inputs.length === 0) throw badUserInput('input.variants', '`input.variants` needs at least one variant')
  atMost(inputs, 100, 'input.variants')
  return inputs.map(({ sku, title, price, available }, index) => {
    const argument = `input.variants[${index}]`
    if (!/^[A-Za-z0-9._-]{1,64}$/.test(sku)) {
      const message = `\`${argument}.sku\` must be 1 to 64 letters, digits, dots, dashes and underscores`
      throw badUserInput(`${argument}.sku`, message)
    }
    return {
      sku,
      title: boundedText(title, { argument: `${argument}.title`, min: 1, max: 120 }),
      price: price ? moneyInput(price, `${argument}.price`) : productPrice,
      available: boundedInt(available ?? 0, { argument: `${argument}.available`, min: 0, max: 1_000_000 }),
    }
  })
}

function atMost(items: readonly unknown[], max: number, argument: string): void {
  if (items.length > max) throw badUserInput(argument, `\`${argument}\` must have at most ${max} entries`)
}
