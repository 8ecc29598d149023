//! Domains, functions and views.

use super::super::mentions::Mentions;
use super::super::{function, object, quote, sound, user_type, view};
use super::{POSTGRES, Postgres};
use crate::name::quote_ident;
use crate::validate::ObjectKind;
use std::collections::BTreeSet;

impl<'a> Postgres<'a> {
    pub(super) fn domain(&mut self, key: &str) {
        let Some(domain) = self.schema.domains.get(key) else {
            return;
        };
        if let Some(why) = self.left_out.wrong_domain(domain) {
            return self.cannot("domain", key, &why);
        }
        let texts = domain.checks.values().chain(&domain.default);
        let wrong = texts.filter_map(|text| self.left_out.wrong_expression(text, POSTGRES));
        for why in wrong.collect::<Vec<String>>() {
            self.cannot("domain", key, &why);
        }
        let texts = domain.checks.values().chain(&domain.default);
        let sound: BTreeSet<&str> = texts
            .map(String::as_str)
            .filter(|text| self.left_out.wrong_expression(text, POSTGRES).is_none())
            .collect();
        let sound = |text: &str| sound.contains(text);
        let collation = domain.collation.as_deref().map(|name| self.collation(name));
        let beneath = self.domain_beneath(&domain.data_type);
        let sql = user_type::create_domain(domain, collation.as_deref(), beneath, |text| {
            let not_valid = domain.checks.iter();
            let mut not_valid = not_valid.filter(|(name, _)| domain.not_valid.contains(*name));
            sound(text) && self.is_early(text) && !not_valid.any(|(_, own)| own == text)
        });
        self.named_object(ObjectKind::Domain, key, &domain.name, sql);
        let name = user_type::name(domain);
        let object = || object(ObjectKind::Domain, None, key);
        if let Some(default) = domain.default.as_deref().filter(|text| sound(text))
            && !self.is_early(default)
        {
            let default = sound::default(default, POSTGRES);
            let sql = format!("ALTER DOMAIN {name} SET DEFAULT {default}");
            self.late.defaults.push((object(), sql));
        }
        for (check, expression) in domain.checks.iter().filter(|(_, text)| sound(text)) {
            let late = domain.not_valid.iter();
            let mut late = late.filter_map(|name| domain.checks.get(name));
            if !self.is_early(expression) || late.any(|own| own == expression) {
                let valid = match domain.not_valid.contains(check) {
                    true => " NOT VALID",
                    false => "",
                };
                let check = quote_ident(check);
                let sql = format!(
                    "ALTER DOMAIN {name} ADD CONSTRAINT {check} CHECK ({expression}){valid}"
                );
                self.late.checks.push((object(), sql));
            }
        }
    }

    /// Whether the domain that this type is has a default.
    fn domain_beneath(&self, data_type: &str) -> bool {
        let found = Mentions::of(data_type, POSTGRES);
        let is_array = data_type.ends_with(']');
        let domains = found
            .names
            .iter()
            .filter_map(|key| self.schema.domains.get(key));
        !is_array && domains.filter(|domain| domain.default.is_some()).count() > 0
    }

    pub(super) fn function(&mut self, key: &str) {
        let Some(found) = self.schema.functions.get(key) else {
            return;
        };
        if let Some(why) = self.left_out.wrong_function(found) {
            return self.cannot("function", key, &why);
        }
        match function::create(key, found) {
            Ok(sql) => self.out.add(object(ObjectKind::Function, None, key), sql),
            Err(why) => self.out.leave_out(why),
        }
    }

    pub(super) fn view(&mut self, key: &str) {
        let Some(found) = self.schema.views.get(key) else {
            return;
        };
        let mentions = Mentions::of(found.definition.as_deref().unwrap_or_default(), POSTGRES);
        let types = found.columns.iter();
        let mut types = types.filter_map(|c| self.left_out.wrong_type(&c.data_type, POSTGRES));
        let wrong_name = || sound::wrong_name(&found.name, POSTGRES).map(str::to_owned);
        let why = self.left_out.missing_in(&mentions);
        let why = why.or_else(|| types.next()).or_else(wrong_name);
        if let Some(why) = why {
            self.left_out.tables.insert(key.to_owned(), why.clone()); // for views over it
            return self.cannot("view", key, &why);
        }
        match view::create(key, found, POSTGRES) {
            Ok(sql) => self.out.add(object(ObjectKind::View, None, key), sql),
            Err(why) => {
                self.left_out.tables.insert(key.to_owned(), String::new());
                return self.out.leave_out(why);
            }
        }
        let name = quote::qualified(found.schema.as_deref(), &found.name, POSTGRES);
        for column in &found.columns {
            if let Some(default) = &column.default {
                self.late_default(key, &name, column, default);
            }
        }
        self.indexes(key, &name, &found.indexes);
    }
}
