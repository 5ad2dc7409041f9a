using System.Text.Json;
using Platform.Workflows.Definitions;
using Platform.Workflows.Steps;

namespace Platform.Workflows.Tests.Definitions;

public sealed class DefinitionValidatorTests
{
    private static readonly DefinitionValidator Validator = new(new StepTypes([new TransformStep(), new ConditionStep()]));

    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}}]""")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": "{{ input.x }}"}}, {"key": "b", "type": "condition", "depends_on": ["a"], "with": {"if": "{{ steps.a.output > 1 }}"}, "when": "steps.a.output"}]""")]
    public void Accepts_a_good_definition(string steps) => Assert.That(FaultsOf(steps), Is.Empty);

    [TestCase("""{}""", "$.steps", "steps_not_a_list")]
    [TestCase("""[3]""", "$.steps[0]", "step_malformed")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}, "colour": 1}]""", "$.steps[0].colour", "step_malformed")]
    [TestCase("""[{"key": "1a", "type": "transform", "with": {"value": 1}}]""", "$.steps[0].key", "step_key_invalid")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}}, {"key": "a", "type": "transform", "with": {"value": 1}}]""", "$.steps[1].key", "step_key_taken")]
    [TestCase("""[{"key": "a", "type": "magic"}]""", "$.steps[0].type", "step_type_unknown")]
    [TestCase("""[{"key": "a", "type": "transform"}]""", "$.steps[0].with.value", "step_input_invalid")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1, "other": 2}}]""", "$.steps[0].with.other", "step_input_invalid")]
    [TestCase("""[{"key": "a", "type": "condition", "with": {"if": "yes"}}]""", "$.steps[0].with.if", "step_input_invalid")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}, "depends_on": ["b"]}]""", "$.steps[0].depends_on[0]", "step_unknown")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}, "on_error": "b"}]""", "$.steps[0].on_error", "step_unknown")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}, "depends_on": ["b"]}, {"key": "b", "type": "transform", "with": {"value": 1}, "depends_on": ["a"]}]""", "$.steps[0].depends_on", "steps_in_a_cycle")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": "{{ 1 + }}"}}]""", "$.steps[0].with.value", "expression_invalid")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}}, {"key": "b", "type": "transform", "with": {"value": ["{{ steps.a.output }}"]}}]""", "$.steps[1].with.value[0]", "step_not_upstream")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}, "timeout_seconds": 0}]""", "$.steps[0].timeout_seconds", "step_limit_invalid")]
    [TestCase("""[{"key": "a", "type": "transform", "with": {"value": 1}, "retry": {"max_attempts": 99}}]""", "$.steps[0].retry", "step_limit_invalid")]
    public void Names_the_fault_and_its_place(string steps, string path, string code)
    {
        var faults = FaultsOf(steps);

        Assert.That(faults.Select(fault => (fault.Path, fault.Code)), Does.Contain((path, code)));
    }

    private static IReadOnlyList<DefinitionFault> FaultsOf(string steps) => Validator.Validate(JsonDocument.Parse(steps).RootElement, null);
}
