use engine::engine::Node; use engine::shared::Shared; use std::sync::Arc;
pub struct Persistence { _node: Arc<Shared<Node>> }
impl Persistence {
 pub fn new(node: Arc<Shared<Node>>) -> Persistence { Persistence{_node:node} }
 pub fn load(&self) -> Result<(), String> {Ok(())}
 pub fn open_log(&self) -> Result<(), String>{Ok(())}
 pub fn begin_save(&self, _: &mut Node) -> Result<(), String>{Ok(())}
 pub fn save_now(&self, _: &mut Node) -> Result<(), String>{Ok(())}
 pub fn begin_rewrite(&self, _: &mut Node) -> Result<(), String>{Ok(())}
 pub fn cron(&self, _: &mut Node){}
 pub fn set_append_only(&self, _: &mut Node, _on: bool) -> Result<(), String>{Ok(())}
 pub fn set_fsync(&self, _: &mut Node){}
 pub fn reload(&self, _: &mut Node, _save: bool, _flush: bool) -> Result<(), String>{Ok(())}
 pub fn load_append_only_again(&self, _: &mut Node) -> Result<(), String>{Ok(())}
 pub fn data_set_replaced(&self, _: &mut Node){}
 pub fn close_log(&self, _: &mut Node) -> Result<(), String>{Ok(())}
}
