//! What an empty result could do without: the demand that emptied it, and what there would be otherwise.

use super::plan::Plan;
use super::{Relaxation, SearchOptions, Searcher};
use crate::error::Result;
use crate::query::{Operand, Parsed, Query};
use crate::work::Meter;

/// A query of more demands is not helped by trying each: every trial is a search.
const MAX_TRIALS: usize = 12;

impl Searcher {
    /// Returns a query that is more likely to be meant than one that found nothing, and the demands that a search finds
    /// something without. Searches once for each demand.
    pub(super) fn relaxed(
        &self,
        plan: &Plan,
        options: &SearchOptions,
        meter: &mut Meter,
    ) -> Result<(Option<String>, Vec<Relaxation>)> {
        let mut suggestion = plan.without_quotes();
        let mut relaxations = Vec::new();
        let demands: Vec<usize> = (0..plan.query.clauses.len())
            .filter(|place| is_demand(&plan.query, *place))
            .collect();
        if demands.len() + options.filters.len() > MAX_TRIALS {
            return Ok((suggestion, relaxations));
        }
        for place in 0..options.filters.len() {
            let mut filters = options.filters.clone();
            let without = vec![filters.remove(place).to_string()];
            let fewer = SearchOptions {
                filters,
                ..SearchOptions::default()
            };
            let total = self.total(plan.query.clone(), &fewer, meter)?;
            relaxations.push(Relaxation { without, total });
        }
        let same_filters = SearchOptions {
            filters: options.filters.clone(),
            ..SearchOptions::default()
        };
        for place in &demands {
            let mut query = plan.query.clone();
            let without = vec![query.clauses.remove(*place).to_string()];
            let typed = query.to_string();
            let total = self.total(query, &same_filters, meter)?;
            if total > 0 && suggestion.is_none() {
                suggestion = Some(typed);
            }
            relaxations.push(Relaxation { without, total });
        }
        relaxations.retain(|relaxation| relaxation.total > 0);
        if relaxations.is_empty() && demands.len() + options.filters.len() > 1 {
            let mut query = plan.query.clone();
            let filters = options.filters.iter().map(ToString::to_string);
            let demands = demands
                .iter()
                .map(|place| query.clauses[*place].to_string());
            let without: Vec<String> = filters.chain(demands).collect();
            let mut place = 0;
            query.clauses.retain(|_| {
                place += 1;
                !is_demand(&plan.query, place - 1)
            });
            let total = self.total(query, &SearchOptions::default(), meter)?;
            if total > 0 {
                relaxations.push(Relaxation { without, total });
            }
        }
        Ok((suggestion, relaxations))
    }

    /// Returns how many entries match.
    fn total(&self, query: Query, options: &SearchOptions, meter: &mut Meter) -> Result<u64> {
        let parsed = Parsed {
            query,
            ..Parsed::default()
        };
        let plan = self.plan_for(parsed, options)?;
        let nothing_more = SearchOptions {
            limit: 0,
            ..options.clone()
        };
        let found = self.find(&plan, &nothing_more, meter);
        Ok(found.map_err(|error| self.index.failed(error))?.total)
    }
}

/// Returns whether a clause demands something, and is not only words.
fn is_demand(query: &Query, place: usize) -> bool {
    let clause = &query.clauses[place];
    !matches!(clause.any_of.as_slice(), [Operand::Words(_)])
}
