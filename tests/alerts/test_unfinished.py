"""Nobody reads a graph as whole that is not finished: what a run at work has half written opens nothing."""

import pytest

from loader.alerts.alert import State
from loader.alerts.evaluate import evaluate
from loader.alerts.explaining import explain_entity
from loader.cli.alert_facts import print_evaluation

from .conftest import ONE, TWO

pytestmark = pytest.mark.packs


def events(outcome):
    return {event: number for event, number in outcome.counts.items() if number}


def at_work(world, area=ONE, **more):
    """A run that has begun to write the vaults of one subscription."""
    world.seq += 1
    world.write(
        "CREATE (r:SyncRun {id: 'run-' + toString($seq), seq: $seq, status: 'running'}) SET r += $more",
        seq=world.seq,
        more=more,
    )
    world.write("MATCH (s:SyncScope {area: $area}) SET s.writing = $seq", area=area, seq=world.seq)


def test_what_a_run_at_work_has_written_opens_when_it_is_at_its_end(world, state_rule, capsys):
    world.run()
    world.evaluate(state_rule)
    world.run()
    at_work(world)
    world.vault("half", ONE, bad=True)
    key = world.vault("whole", TWO, bad=True)
    evaluation = evaluate(world.database, [state_rule], now=world.now)
    outcome = evaluation.outcomes[0]
    assert (outcome.status, events(outcome)) == ("incomplete", {"postponed": 1, "opened": 1})
    assert [alert.entity_key for alert in world.alerts()] == [key]
    print_evaluation(evaluation)
    told = " ".join(capsys.readouterr().err.split())
    assert "A later run is at work, or was broken off" in told
    assert "Nothing is opened or resolved behind this: The run that loads azure_keyvault_service" in told

    world.vault("half", ONE)
    world.run()
    assert events(world.evaluate(state_rule)) == {"ongoing": 1}


def test_what_a_run_left_half_written_opens_nothing_before_the_next_is_at_its_end(world, state_rule):
    world.run()
    world.evaluate(state_rule)
    at_work(world, status="failed", linksPending=True)
    key = world.vault("shop", ONE, bad=True)
    assert events(world.evaluate(state_rule)) == {"postponed": 1}
    assert "is not at its end" in explain_entity(world.database, state_rule, key).why[0]
    world.write("MATCH (r:SyncRun) REMOVE r.linksPending")
    world.run()
    outcome = world.evaluate(state_rule)
    assert events(outcome) == {"opened": 1}
    assert outcome.new, "it was no baseline"


def test_an_alert_that_is_there_stays_as_it_is_meanwhile(world, state_rule):
    world.vault("there", bad=True, why="before")
    world.vault("back", bad=True)
    world.run()
    world.evaluate(state_rule)
    world.vault("back", bad=False)
    world.run()
    world.evaluate(state_rule)
    at_work(world)
    world.vault("there", bad=True, why="half")
    world.vault("back", bad=True)
    assert events(world.evaluate(state_rule)) == {"postponed": 1, "held": 1, "left": 1}
    assert {alert.entity_name: (alert.state, "before" in alert.values) for alert in world.alerts()} == {
        "there": (State.OPEN, True),
        "back": (State.RESOLVED, False),
    }


def test_a_subscription_that_is_being_loaded_for_the_first_time_has_its_baseline_when_it_is_whole(world, state_rule):
    world.run()
    world.write("MATCH (s:SyncScope {area: $two}) DELETE s", two=TWO)
    world.evaluate(state_rule)
    world.run()
    at_work(world, TWO)
    world.vault("first", TWO, bad=True)
    assert events(world.evaluate(state_rule)) == {"postponed": 1}
    world.vault("second", TWO, bad=True)
    world.run()
    world.write("MATCH (r:SyncRun {status: 'running'}) SET r.status = 'complete'")
    outcome = world.evaluate(state_rule)
    assert (events(outcome), outcome.new) == ({"opened": 2}, ())


def test_a_first_evaluation_in_the_middle_of_a_run_rings_no_bells_afterwards(world, state_rule):
    world.run()
    at_work(world)
    world.vault("shop", ONE, bad=True)
    assert events(world.evaluate(state_rule)) == {"postponed": 1}
    world.write("MATCH (r:SyncRun {status: 'running'}) SET r.status = 'complete'")
    outcome = world.evaluate(state_rule)
    assert (events(outcome), outcome.new) == ({"opened": 1}, ())


def test_a_run_that_begins_while_rules_are_evaluated_counts(world, state_rule):
    """It may have written what the rule has just read."""
    world.vault("gone", TWO, bad=True)
    world.run()
    world.evaluate(state_rule)

    def source(database, rule, at):
        at_work(world)
        world.vault("half", ONE, bad=True)
        world.vault("gone", TWO)
        from loader.alerts.asking import ask_cypher

        return ask_cypher(database, rule, at)

    outcome = evaluate(world.database, [state_rule], now=world.now, sources={state_rule.id: source}).outcomes[0]
    assert events(outcome) == {"postponed": 1, "held": 1}


def test_a_rule_over_runs_does_not_wait_for_one(world, state_rule):
    """Or nobody would hear that every run fails."""
    rule = state_rule.model_copy(update={"needs": ["history", *state_rule.needs]})
    world.run()
    world.evaluate(rule)
    at_work(world)
    world.vault("shop", ONE, bad=True)
    assert events(world.evaluate(rule)) == {"opened": 1}


def test_changes_of_a_half_written_graph_are_looked_at_again(world, change_rule):
    world.run()
    world.evaluate(change_rule)
    world.run()
    world.change(1, world.vault("shop"))
    at_work(world)
    assert events(world.evaluate(change_rule)) == {"postponed": 1}
    world.write("MATCH (r:SyncRun {status: 'running'}) SET r.status = 'complete'")
    assert events(world.evaluate(change_rule)) == {"opened": 1}
