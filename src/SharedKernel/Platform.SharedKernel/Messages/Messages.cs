using MediatR;

namespace Platform.SharedKernel.Messages;

/// <summary>Marks a request that changes state. The pipeline runs it in one transaction on the primary.</summary>
public interface ICommandBase;

/// <summary>Marks a request that only reads. The pipeline runs it read only, on a replica where one is caught up.</summary>
public interface IQueryBase;

/// <summary>A command that answers with a <typeparamref name="TResponse"/>.</summary>
/// <typeparam name="TResponse">What the handler returns.</typeparam>
public interface ICommand<out TResponse> : IRequest<TResponse>, ICommandBase;

/// <summary>A command without an answer.</summary>
public interface ICommand : IRequest, ICommandBase;

/// <summary>A query that answers with a <typeparamref name="TResponse"/>.</summary>
/// <typeparam name="TResponse">What the handler returns.</typeparam>
public interface IQuery<out TResponse> : IRequest<TResponse>, IQueryBase;
