//! The documents of Shopify's Admin GraphQL API that are asked, as of version 2026-07.
//!
//! Source: shopify.dev, Admin GraphQL reference and changelog of 12 December 2025 (since 2026-04 each quantity names
//! the number it changes from, `null` to leave that unchecked, and inventory mutations carry `@idempotent`); read in
//! November 2026.

/// Places.
pub const LOCATIONS: &str = "query HoldfastLocations($after: String) {
  locations(first: 50, after: $after, includeInactive: true) {
    nodes { id name isActive }
    pageInfo { hasNextPage endCursor }
  }
}";

/// What is sold, with what there is of it.
pub const CATALOGUE: &str = "query HoldfastCatalogue($after: String) {
  productVariants(first: 50, after: $after) {
    nodes {
      sku price displayName
      inventoryItem {
        id tracked
        measurement { weight { unit value } }
        inventoryLevels(first: 20) {
          nodes { location { id } quantities(names: [\"available\", \"on_hand\"]) { name quantity } }
          pageInfo { hasNextPage endCursor }
        }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

/// What there is of some items now.
pub const LEVELS: &str = "query HoldfastLevels($ids: [ID!]!) {
  nodes(ids: $ids) {
    ... on InventoryItem {
      id
      inventoryLevels(first: 20) {
        nodes { location { id } quantities(names: [\"available\", \"on_hand\"]) { name quantity } }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}";

/// What there is of one item at more places than come at once.
pub const MORE_LEVELS: &str = "query HoldfastMoreLevels($id: ID!, $after: String) {
  inventoryItem(id: $id) {
    id
    inventoryLevels(first: 100, after: $after) {
      nodes { location { id } quantities(names: [\"available\", \"on_hand\"]) { name quantity } }
      pageInfo { hasNextPage endCursor }
    }
  }
}";

/// Orders, oldest change first.
pub const ORDERS: &str = "query HoldfastOrders($query: String!, $after: String) {
  orders(first: 25, after: $after, query: $query, sortKey: UPDATED_AT) {
    nodes {
      id name createdAt updatedAt cancelledAt displayFinancialStatus currencyCode customerLocale email phone
      customer { id }
      shippingAddress { name firstName lastName address1 address2 city zip countryCodeV2 phone }
      billingAddress { name firstName lastName address1 address2 city zip countryCodeV2 phone }
      lineItems(first: 30) {
        nodes { sku title currentQuantity requiresShipping originalUnitPriceSet { shopMoney { amount } } }
        pageInfo { hasNextPage endCursor }
      }
    }
    pageInfo { hasNextPage endCursor }
  }
}";

/// The lines of one order that has more than come at once.
pub const MORE_LINES: &str = "query HoldfastMoreLines($id: ID!, $after: String) {
  order(id: $id) {
    lineItems(first: 100, after: $after) {
      nodes { sku title currentQuantity requiresShipping originalUnitPriceSet { shopMoney { amount } } }
      pageInfo { hasNextPage endCursor }
    }
  }
}";

/// The id of an order by its name.
pub const ORDER_ID: &str = "query HoldfastOrderId($query: String!) {
  orders(first: 2, query: $query) { nodes { id name } }
}";

/// The parts of an order: Shopify calls them fulfillment orders.
pub const PARTS: &str = "query HoldfastParts($id: ID!) {
  order(id: $id) {
    fulfillmentOrders(first: 30) {
      nodes {
        id status requestStatus
        assignedLocation { location { id } }
        lineItems(first: 100) { nodes { id sku remainingQuantity } pageInfo { hasNextPage } }
      }
      pageInfo { hasNextPage }
    }
  }
}";

/// Sets quantities, all or none.
pub const SET: &str = "mutation HoldfastSet($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    userErrors { code field message }
  }
}";

/// Asks that an accepted part is given back.
pub const ASK_BACK: &str = "mutation HoldfastAskBack($id: ID!, $message: String) {
  fulfillmentOrderSubmitCancellationRequest(id: $id, message: $message) {
    fulfillmentOrder { id requestStatus }
    userErrors { field message }
  }
}";

/// Gives lines of a part to another place.
pub const GIVE: &str = "mutation HoldfastGive($id: ID!, $to: ID!, $lines: [FulfillmentOrderLineItemInput!]) {
  fulfillmentOrderMove(id: $id, newLocationId: $to, fulfillmentOrderLineItems: $lines) {
    movedFulfillmentOrder { id }
    userErrors { field message }
  }
}";

/// Lets the shop find another place.
pub const REROUTE: &str = "mutation HoldfastReroute($ids: [ID!]!, $among: [ID!]) {
  fulfillmentOrdersReroute(fulfillmentOrderIds: $ids, includedLocationIds: $among) {
    movedFulfillmentOrders { id }
    userErrors { code field message }
  }
}";
