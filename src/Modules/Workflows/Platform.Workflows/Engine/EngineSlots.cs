using System.Threading.Channels;
using Microsoft.Extensions.Options;
using Platform.Workflows.Engine.Store;

namespace Platform.Workflows.Engine;

/// <summary>
/// How many executions this node works, and whose. Who accepts an execution can have it begun here at once while nothing else waits that
/// could be begun in its place; its row is then inserted as claimed.
/// </summary>
internal sealed class EngineSlots(IOptions<EngineOptions> options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, int> _ofOwner = [];
    private readonly Channel<bool> _given = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private Func<ClaimedExecution, Task>? _start;
    private int _taken;
    private HashSet<Guid>? _inLine;

    /// <summary>Whether executions stand in line that this node could not take.</summary>
    public bool HasBacklog
    {
        get
        {
            lock (_gate)
            {
                return _inLine is not { Count: 0 };
            }
        }
    }

    public int Free
    {
        get
        {
            lock (_gate)
            {
                return options.Value.Concurrency - _taken;
            }
        }
    }

    /// <summary>What is left to those who have some of this node already; to all others, a whole share is.</summary>
    public OwnerShare[] Shares
    {
        get
        {
            lock (_gate)
            {
                return [.. _ofOwner.Select(owner => new OwnerShare(owner.Key, Math.Max(0, options.Value.PerOwner - owner.Value)))];
            }
        }
    }

    public void Open(Func<ClaimedExecution, Task> start) => _start = start;

    public void Close()
    {
        _start = null;
        SetLine(null);
    }

    /// <summary>Takes in who stands in line.</summary>
    /// <param name="owners">Those who may have more in line than they were given slots for; null for anybody.</param>
    public void SetLine(IEnumerable<Guid>? owners)
    {
        lock (_gate)
        {
            _inLine = owners?.ToHashSet();
        }
    }

    public void Take(Guid owner)
    {
        lock (_gate)
        {
            _taken++;
            _ofOwner[owner] = _ofOwner.GetValueOrDefault(owner) + 1;
        }
    }

    public void Give(Guid owner)
    {
        lock (_gate)
        {
            _taken--;
            if (--_ofOwner[owner] == 0)
            {
                _ofOwner.Remove(owner);
            }
        }

        _given.Writer.TryWrite(true);
    }

    /// <summary>Takes a slot for an execution that is about to be accepted.</summary>
    /// <returns>Whether it may be inserted as claimed. Then <see cref="Begin"/> or <see cref="Give"/> follows.</returns>
    public bool TryReserve(Guid owner)
    {
        lock (_gate)
        {
            if (_start is null || _inLine is null || _inLine.Contains(owner) || _taken >= options.Value.Concurrency || _ofOwner.GetValueOrDefault(owner) >= options.Value.PerOwner)
            {
                return false;
            }

            _taken++;
            _ofOwner[owner] = _ofOwner.GetValueOrDefault(owner) + 1;
            return true;
        }
    }

    /// <summary>Begins an execution whose slot was reserved and whose row is committed. On a node that drains it waits for its lease to run out.</summary>
    public void Begin(ClaimedExecution claim)
    {
        if (_start is { } start)
        {
            _ = start(claim);
        }
        else
        {
            Give(claim.UserId);
        }
    }

    /// <summary>Waits until a slot was given back since the last wait.</summary>
    public Task WaitForGivenAsync(CancellationToken cancellationToken) => _given.Reader.ReadAsync(cancellationToken).AsTask();
}

/// <summary>How many executions of an owner this node would still take.</summary>
internal sealed record OwnerShare(Guid Owner, int Left);
