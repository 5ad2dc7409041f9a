using System.Net;
using System.Text.Json;

namespace Platform.Workflows.Tests.Engine;

/// <summary>What is more than 64 KiB stands beside the rows that the engine rewrites, and is read as if it stood in them.</summary>
public sealed class PayloadTests : WorkflowTest
{
    private const int Large = 200_000;
    private const string Text = "{{ input.word.repeat(40000) }}";

    [Test]
    public async Task A_large_value_goes_through_steps_and_back_to_its_owner()
    {
        var alice = (await SignInAsync()).Client;
        var workflow = await PublishAsync(
            alice,
            Step("big", "transform", new { value = Text }),
            Step("length", "transform", new { value = "{{ steps.big.output.length }}" }, "big"),
            Step("again", "transform", new { value = "{{ steps.big.output }}" }, "big"));

        var execution = await RunAsync(alice, workflow, new { word = "hello" });

        Assert.That(execution.GetProperty("status").GetString(), Is.EqualTo("succeeded"), execution.GetRawText()[..Math.Min(500, execution.GetRawText().Length)]);
        Assert.That(execution.GetProperty("results").GetProperty("length").GetInt32(), Is.EqualTo(Large));
        Assert.That(execution.GetProperty("results").GetProperty("again").GetString(), Has.Length.EqualTo(Large));
        var step = await GetAsync(alice, $"/api/v1/executions/{IdOf(execution)}/steps/big");
        Assert.That(step.GetProperty("output").GetString(), Is.EqualTo(string.Concat(Enumerable.Repeat("hello", 40_000))));
        Assert.That(step.GetProperty("input").GetProperty("value").GetString(), Has.Length.EqualTo(Large));
    }

    [Test]
    public async Task The_rows_that_are_told_to_watchers_stay_small()
    {
        var alice = (await SignInAsync()).Client;
        var workflow = await PublishAsync(alice, Step("big", "transform", new { value = Text }));

        var execution = await RunAsync(alice, workflow, new { word = "hello" });

        var largest = await Application.ScalarAsync<long>(
            """
            select greatest(
              (select max(length(s::text)) from workflows.execution_steps s where s.execution_id = $1),
              (select max(length(e::text)) from workflows.workflow_executions e where e.id = $1))::bigint
            """,
            IdOf(execution));
        Assert.That(largest, Is.LessThan(4000));
        Assert.That(
            await Application.ScalarAsync<long>("select count(*) from workflows.payloads where execution_id = $1", IdOf(execution)), Is.EqualTo(3));
    }

    [Test]
    public async Task A_retry_from_a_later_step_takes_large_outputs_along()
    {
        var alice = (await SignInAsync()).Client;
        var workflow = await PublishAsync(
            alice, Step("big", "transform", new { value = Text }), Step("length", "transform", new { value = "{{ steps.big.output.length }}" }, "big"));
        var first = await RunAsync(alice, workflow, new { word = "hello" });

        var again = await PostAsync(alice, $"/api/v1/executions/{IdOf(first)}/retry", new { from_step = "length" }, HttpStatusCode.Accepted);
        await Application.ScalarAsync<object>("delete from workflows.workflow_executions where id = $1", IdOf(first));
        await Application.DrainAsync("workflows");

        var second = await GetAsync(alice, $"/api/v1/executions/{IdOf(again)}");
        Assert.That(second.GetProperty("results").GetProperty("length").GetInt32(), Is.EqualTo(Large), second.GetRawText());
        var step = await GetAsync(alice, $"/api/v1/executions/{IdOf(again)}/steps/big");
        Assert.That(step.GetProperty("output").GetString(), Has.Length.EqualTo(Large));
    }

    [Test]
    public async Task Nobody_else_reads_a_payload()
    {
        var alice = (await SignInAsync()).Client;
        var bob = (await SignInAsync()).Client;
        var workflow = await PublishAsync(alice, Step("big", "transform", new { value = Text }));
        var execution = await RunAsync(alice, workflow, new { word = "hello" });

        using var response = await bob.GetAsync(new Uri($"/api/v1/executions/{IdOf(execution)}/steps/big", UriKind.Relative));

        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
    }

    private static Guid IdOf(JsonElement execution) => execution.GetProperty("id").GetGuid();
}
