using System.Text.Json;
using System.Threading.Channels;
using Platform.SharedKernel.Infrastructure.Modules;

namespace Platform.Connectors.DuckDb;

/// <summary>
/// <c>duckdb-worker</c>: runs queries over files for the Host that started it, in a process that can do nothing else. It reads frames from
/// the standard input, answers on the standard output, and ends with its parent. Arguments: its folder, the memory in megabytes and the
/// threads of a query.
/// </summary>
internal sealed class DuckDbWorkerVerb : IHostVerb
{
    public const string VerbName = "duckdb-worker";

    public string Name => VerbName;

    public async Task<int> RunAsync(string[] arguments, CancellationToken cancellationToken)
    {
        await using var output = Console.OpenStandardOutput();
        var requests = Channel.CreateBounded<byte[]>(1);
        _ = Task.Run(() => ReadRequestsAsync(requests.Writer, cancellationToken), CancellationToken.None);

        using var kept = KeptDatabase.Of(arguments);
        kept.Open();
        await WorkerFrame.WriteAsync(output, [], default, cancellationToken);
        await foreach (var head in requests.Reader.ReadAllAsync(cancellationToken))
        {
            var request = JsonSerializer.Deserialize(head, WorkerJson.Default.WorkerRequest)!;
            var (reply, rows) = WorkerWork.Run(request, kept);
            await WorkerFrame.WriteAsync(
                output, JsonSerializer.SerializeToUtf8Bytes(reply, WorkerJson.Default.WorkerReply), rows, cancellationToken);
        }

        return 0;
    }

    // The input ends when the parent is gone or has had enough; work that still runs is then for nobody.
    private static async Task ReadRequestsAsync(ChannelWriter<byte[]> requests, CancellationToken cancellationToken)
    {
        await using var input = Console.OpenStandardInput();
        while (await WorkerFrame.ReadAsync(input, cancellationToken) is var (head, _))
        {
            await requests.WriteAsync(head, cancellationToken);
        }

        Environment.Exit(0);
    }
}
